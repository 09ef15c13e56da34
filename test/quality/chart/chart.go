package chart

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Chart is lines over one plane.
type Chart struct {
	Title, X, Y string
	MinX, MaxX  float64
	MinY, MaxY  float64
	StepX       float64
	StepY       float64
	Lines       []Line
}

// Line is one series; points are in the order they are joined.
type Line struct {
	Name   string
	Points [][2]float64
}

const (
	width, height = 900.0, 560.0
	left, right   = 60.0, 230.0
	top, bottom   = 40.0, 50.0
)

var colours = []string{"#1b6ca8", "#d1495b", "#66a182", "#edae49", "#6c4f99", "#2e4057", "#8d6b4a", "#00798c", "#999999", "#c2185b"}

// Write draws the chart.
func (c *Chart) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n")
	text(&b, left, 24, "start", c.Title)
	c.axes(&b)
	for i, l := range c.Lines {
		c.line(&b, i, l)
	}
	b.WriteString("</svg>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the chart: %w", err)
	}
	return nil
}

func (c *Chart) x(v float64) float64 {
	return left + (v-c.MinX)/(c.MaxX-c.MinX)*(width-left-right)
}

func (c *Chart) y(v float64) float64 {
	return height - bottom - (v-c.MinY)/(c.MaxY-c.MinY)*(height-top-bottom)
}

func (c *Chart) axes(b *strings.Builder) {
	for v := c.MinX; v <= c.MaxX; v += c.StepX {
		stroke(b, c.x(v), c.y(c.MinY), c.x(v), c.y(c.MaxY), "#dddddd")
		text(b, c.x(v), c.y(c.MinY)+18, "middle", fmt.Sprintf("%g", v))
	}
	for v := c.MinY; v <= c.MaxY; v += c.StepY {
		stroke(b, c.x(c.MinX), c.y(v), c.x(c.MaxX), c.y(v), "#dddddd")
		text(b, left-8, c.y(v)+4, "end", fmt.Sprintf("%g", v))
	}
	text(b, c.x((c.MinX+c.MaxX)/2), height-12, "middle", c.X)
	text(b, 8, top-6, "start", c.Y)
}

func (c *Chart) line(b *strings.Builder, i int, l Line) {
	colour := colours[i%len(colours)]
	dash := ""
	if i >= len(colours) {
		dash = ` stroke-dasharray="5 3"`
	}
	fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="1.6"%s points="`, colour, dash)
	lastX := -1.0
	for _, p := range l.Points {
		if p[0] < c.MinX || p[0] > c.MaxX || p[1] < c.MinY || p[1] > c.MaxY || c.x(p[0])-lastX < 0.5 {
			continue // outside, or too close to be seen
		}
		lastX = c.x(p[0])
		fmt.Fprintf(b, "%.1f,%.1f ", lastX, c.y(p[1]))
	}
	b.WriteString(`"/>` + "\n")
	y := top + 10 + 20*float64(i)
	stroke(b, width-right+14, y, width-right+36, y, colour)
	text(b, width-right+42, y+4, "start", l.Name)
}

func stroke(b *strings.Builder, x1, y1, x2, y2 float64, colour string) {
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`+"\n", x1, y1, x2, y2, colour)
}

func text(b *strings.Builder, x, y float64, anchor, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">`, x, y, anchor)
	_ = xml.EscapeText(b, []byte(s)) // a strings.Builder takes everything
	b.WriteString("</text>\n")
}
