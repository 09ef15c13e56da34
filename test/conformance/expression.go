package main

import "regexp"

// renames turn what expressions in the cases say of their own object into what ours say
// of a cluster: labels keep their name, a fact is a label, a score from outside is found
// by its name. What is not known stays as it is, and does not compile.
var renames = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`managedCluster\.metadata\.labels`), `cluster.labels`},
	{
		regexp.MustCompile(`managedCluster\.status\.clusterClaims\.exists\((\w+), ?\w+\.name == "([^"]+)" && \w+\.value == ("[^"]*")\)`),
		`cluster.labels["` + claimed + `$2"] == $3`,
	},
	{
		regexp.MustCompile(`managedCluster\.scores\("([^"]+)"\)\.filter\(\w+, ?\w+\.name == '([^']+)'\)\.all\(\w+, ?\w+\.value (\S+) (\d+)\)`),
		`cluster.scores["$1/$2"] $3 $4`,
	},
}

func expressionOf(source string) string {
	for _, r := range renames {
		source = r.from.ReplaceAllString(source, r.to)
	}
	return source
}
