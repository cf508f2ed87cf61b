"""Checks of what turns have left behind: pictures of the app, copies to try things on."""
