enum IPMIPlaceholder {}
