enum DeploymentPlaceholder {}
