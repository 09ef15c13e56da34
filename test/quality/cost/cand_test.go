package cost

func candidates(run func(string, policy)) {
	run("lead phi=.1", &steered{lead: true, phi: .1, kappa: 1e-12, eps: 1e-12})
	run("planned", &planned{})
}
