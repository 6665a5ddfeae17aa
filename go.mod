module layerwise

go 1.26.8
