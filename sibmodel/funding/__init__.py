"""The `routes` chapter: other ways of paying for the same programme than a bond.

The folder has another name than the chapter, as `sibmodel.routes` is the function that compares them.
"""
