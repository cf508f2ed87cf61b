"""The triage list: errors of commands, servers, browsers and checks, and what is done."""

from chat.services.problems.reports import report_browser_errors, report_check, server_answered

__all__ = ["report_browser_errors", "report_check", "server_answered"]
