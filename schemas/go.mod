module fairlead.dev/schemas

go 1.26
