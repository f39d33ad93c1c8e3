"""Questions that take more than one run: where the risks fall, and who could invest."""
