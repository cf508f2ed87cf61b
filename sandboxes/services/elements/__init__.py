"""Elements of a previewed page: where in the workspace they are written, and changed right there.

What is known of an element is the word of a page that anybody may have written. It is compared with
the files of the workspace, and shown as text; it does nothing else.
"""
