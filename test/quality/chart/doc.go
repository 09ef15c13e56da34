// Package chart draws lines over a plane as SVG, without a library: axes, a legend,
// a polyline for each series. It must never need a font, a script or a network.
package chart
