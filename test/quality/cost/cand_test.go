package cost

func candidates(run func(string, policy)) {
	run("dual phi=.1", &steered{phi: .1})
	run("lead phi=.1", &steered{lead: true, phi: .1, kappa: 1e-12, eps: 1e-12})
	run("lead phi=.1 k.3", &steered{lead: true, phi: .1, kappa: .3, eps: .05})
	run("lead phi=.1 r1", &steered{lead: true, reserve:.01, phi: .1, kappa: 1e-12, eps: 1e-12})
}
