"""HTML, SVG and text tables made from escaped parts; knows no domain object."""
