"""Named results: what investors, commissioners, the provider and the public get."""
