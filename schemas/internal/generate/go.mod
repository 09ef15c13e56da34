module fairlead.dev/schemas/internal/generate

go 1.26

require (
	github.com/atombender/go-jsonschema v0.24.1
	github.com/goccy/go-yaml v1.19.2
)

require (
	dario.cat/mergo v1.0.2 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/mitchellh/go-wordwrap v1.0.1 // indirect
	github.com/sanity-io/litter v1.5.8 // indirect
	github.com/sosodev/duration v1.4.0 // indirect
)
