enum VirtualBMCPlaceholder {}
