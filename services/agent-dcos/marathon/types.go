package marathon

// App is an app as Marathon shows it.
type App struct {
	ID           string            `json:"id"`
	Instances    int               `json:"instances"`
	CPUs         float64           `json:"cpus"` // cores
	Mem          float64           `json:"mem"`  // MiB
	GPUs         int               `json:"gpus"` // devices
	Labels       map[string]string `json:"labels"`
	Version      string            `json:"version"` // time, in RFC 3339 with milliseconds
	HealthChecks []struct {
		Protocol string `json:"protocol"`
	} `json:"healthChecks"`

	TasksStaged     int              `json:"tasksStaged"`
	TasksRunning    int              `json:"tasksRunning"`
	TasksHealthy    int              `json:"tasksHealthy"`
	TasksUnhealthy  int              `json:"tasksUnhealthy"`
	Deployments     []DeploymentID   `json:"deployments"`
	LastTaskFailure *LastTaskFailure `json:"lastTaskFailure"`
}

// LastTaskFailure is the last task of an app that failed.
type LastTaskFailure struct {
	Message   string `json:"message"`
	State     string `json:"state"`
	TaskID    string `json:"taskId"`
	Host      string `json:"host"`
	Timestamp string `json:"timestamp"`
	Version   string `json:"version"` // of the app
}

// Group is a group with its apps and groups.
type Group struct {
	ID     string  `json:"id"`
	Apps   []App   `json:"apps"`
	Groups []Group `json:"groups"`
	Pods   []struct {
		ID string `json:"id"`
	} `json:"pods"`
	Version string `json:"version"`
}

// DeploymentID names a deployment.
type DeploymentID struct {
	ID string `json:"id"`
}

// Deployment is one that runs.
type Deployment struct {
	ID           string   `json:"id"`
	AffectedApps []string `json:"affectedApps"`
	AffectedPods []string `json:"affectedPods"`
}

// Written is the answer to a write.
type Written struct {
	Version    string `json:"version"`
	Deployment string `json:"deploymentId"`
}

// Info is who Marathon is.
type Info struct {
	Version     string `json:"version"`
	FrameworkID string `json:"frameworkId"`
	Config      struct {
		Role string `json:"mesos_role"`
	} `json:"marathon_config"`
}

// Waiting is an app that waits for offers.
type Waiting struct {
	Count int `json:"count"` // instances left to launch
	App   App `json:"app"`
	Delay struct {
		TimeLeftSeconds int  `json:"timeLeftSeconds"`
		Overdue         bool `json:"overdue"`
	} `json:"delay"`
	Offers struct {
		Processed  int        `json:"processedOffersCount"`
		Unused     int        `json:"unusedOffersCount"`
		LastOffers []Declined `json:"rejectSummaryLastOffers"`
	} `json:"processedOffersSummary"`
}

// Declined counts, of the last offer of each agent, those declined for one reason, in the order in
// which Marathon asks.
type Declined struct {
	Reason    string `json:"reason"` // InsufficientCpus, UnfulfilledConstraint, …
	Declined  int    `json:"declined"`
	Processed int    `json:"processed"`
}
