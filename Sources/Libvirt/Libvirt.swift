enum LibvirtPlaceholder {}
