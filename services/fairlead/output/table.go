package output

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Column is one column of a table.
type Column struct {
	Name  string
	Right bool // align to the right: numbers
	Wide  bool // shown with -o wide only
}

// Rows is a table: every row has one cell per column.
type Rows struct {
	Columns []Column
	Cells   [][]string
}

// Add appends a row.
func (r *Rows) Add(cells ...string) { r.Cells = append(r.Cells, cells) }

// Table prints rows in aligned columns without lines, so that awk and people both
// can read them.
func (p Printer) Table(r Rows) error {
	t := table.NewWriter()
	t.SetStyle(plain())
	t.SetColumnConfigs(configs(r.Columns, p.Format == Wide))
	t.AppendHeader(header(r.Columns))
	for _, cells := range r.Cells {
		t.AppendRow(p.row(cells))
	}
	for line := range strings.Lines(t.Render() + "\n") {
		if _, err := p.Out.Write([]byte(strings.TrimRight(line, " \n") + "\n")); err != nil {
			return err
		}
	}
	return nil
}

func plain() table.Style {
	s := table.StyleDefault
	s.Options = table.OptionsNoBordersAndSeparators
	s.Box.PaddingLeft, s.Box.PaddingRight = "", "  "
	s.Format.Header = text.FormatUpper
	return s
}

func configs(columns []Column, wide bool) []table.ColumnConfig {
	out := make([]table.ColumnConfig, len(columns))
	for i, c := range columns {
		out[i] = table.ColumnConfig{Number: i + 1, Hidden: c.Wide && !wide}
		if c.Right {
			out[i].Align, out[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	return out
}

func header(columns []Column) table.Row {
	row := make(table.Row, len(columns))
	for i, c := range columns {
		row[i] = c.Name
	}
	return row
}

func (p Printer) row(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = p.Paint(Clean(c))
	}
	return row
}
