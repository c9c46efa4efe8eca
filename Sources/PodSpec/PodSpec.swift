enum PodSpecPlaceholder {}
