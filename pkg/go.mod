module fairlead.dev/pkg

go 1.26

require fairlead.dev/schemas v0.0.0

replace fairlead.dev/schemas => ../schemas
