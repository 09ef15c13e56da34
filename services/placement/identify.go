package placement

// identified is c with who the service is, read from its credentials, unless somebody
// else connected for it and said so.
func (c Config) identified() (Config, error) {
	if c.Conn != nil {
		return c, nil
	}
	var err error
	c.Identity, err = c.Connect.Identify()
	return c, err
}
