"""Whatever a person can do on the pages, a program can do through the API."""

from __future__ import annotations

from chat import urls as chat
from sandboxes import urls as sandboxes
from vibe.native_api import api

# Page: the operations that do the same. An empty list: only for people, see there.
SAME: dict[str, list[str]] = {
    "sandboxes:index": ["list_sandboxes", "list_quotas"],
    "sandboxes:show": ["get_sandbox", "list_events"],
    "sandboxes:usage": ["get_usage"],
    "sandboxes:stop": ["stop_sandbox"],
    "sandboxes:resume": ["resume_sandbox"],
    "sandboxes:extend": ["extend_sandbox"],
    "sandboxes:delete": ["delete_sandbox"],
    "sandboxes:fork": ["fork_sandbox"],
    "sandboxes:make_snapshot": ["make_snapshot"],
    "sandboxes:restore": ["restore_snapshot"],
    "sandboxes:snapshots": ["list_snapshots"],
    "sandboxes:start_snapshot": ["create_sandbox"],
    "sandboxes:delete_snapshot": ["delete_snapshot"],
    "sandboxes:files": ["list_files"],
    "sandboxes:browse": ["list_files", "read_file"],
    "sandboxes:file": ["read_file", "stat_file"],
    "sandboxes:download": ["read_file"],
    "sandboxes:image": ["read_file"],
    "sandboxes:archive": ["download_archive"],
    "sandboxes:search_files": ["search_files"],
    "sandboxes:create_file": ["write_file", "make_directory"],
    "sandboxes:move_file": ["move_file"],
    "sandboxes:delete_file": ["remove_file"],
    "sandboxes:network": ["put_policy"],
    "sandboxes:port_access": ["list_ports", "change_port"],
    "sandboxes:enter_preview": [],  # a program shows its key at the preview itself
    "sandboxes:allow_host": ["allow_host"],
    "sandboxes:refused": ["get_command"],
    "sandboxes:command": ["get_command"],
    "sandboxes:log": ["command_logs"],
    "sandboxes:stop_command": ["stop_command"],
    "sandboxes:run_again": ["run_command_again"],
    "sandboxes:consent": [],  # a person has to agree in words
    "chat:home": ["list_conversations"],
    "chat:new": ["list_models"],
    "chat:start": ["create_conversation", "start_turn"],
    "chat:search": ["list_conversations", "search_conversations"],
    "chat:archived": ["list_conversations"],
    "chat:unarchive": ["change_conversation"],
    "chat:options": ["get_conversation"],
    "chat:welcome": [],  # of the page
    "chat:remember_preview": [],  # of the page
    "chat:risks": [],  # to be read
    "chat:choose_mode": ["change_conversation"],
    "chat:choose_approval": ["change_conversation"],
    "chat:answer": ["answer_turn"],
    "chat:queue": ["list_queue", "order_queue"],
    "chat:queued": ["change_queued", "remove_queued", "send_queued"],
    "chat:thread": ["get_conversation"],
    "chat:earlier": ["get_conversation"],
    "chat:problems": ["list_problems", "list_decisions"],
    "chat:problem": ["get_problem", "change_problem", "fix_problem", "ask_about_problem"],
    "chat:fix_problems": ["fix_problems"],
    "chat:problem_policy": ["put_problem_policy"],
    "chat:report_problems": ["report_problems"],
    "chat:person_types": [],  # of the page
    "chat:edit": ["resend_turn"],
    "chat:regenerate": ["regenerate_turn"],
    "chat:bring_back": ["bring_back_turn"],
    "chat:fix": ["start_turn"],
    "chat:check_picture": ["get_check_picture"],
    "chat:attachment": ["get_attachment", "read_attachment"],
    "chat:export": ["export_conversation"],
    "chat:import": ["import_conversation"],
    "chat:palette": ["list_conversations", "list_sandboxes", "search_files"],
    "chat:preferences": [],  # of the page
    "chat:show": ["get_conversation"],
    "chat:send": ["start_turn"],
    "chat:stop": ["stop_turn"],
    "chat:rename": ["change_conversation"],
    "chat:choose_model": ["change_conversation"],
    "chat:archive": ["change_conversation"],
    "chat:delete": ["delete_conversation"],
    "chat:fork": ["fork_conversation"],
    "chat:duplicate": ["duplicate_conversation"],
    "chat:shares": ["list_shares", "share_conversation"],
    "chat:revoke_share": ["revoke_share"],
    "chat:shared": [],  # for people; a program of its owner reads the conversation itself
    "chat:remix": ["remix_conversation"],
    "chat:new_sandbox": ["renew_sandbox"],
    "chat:message": ["get_conversation"],
    "chat:retry": ["retry_turn"],
    "chat:memory": ["get_memory", "write_memory", "list_skills", "get_context"],
    "chat:remember": ["remember"],
    "chat:remember_message": ["remember"],
    "chat:summary": ["get_summary", "change_summary"],
    "chat:instructions": ["get_instructions", "change_instructions", "list_own_skills"],
    "chat:add_skill": ["create_skill"],
    "chat:skill": ["change_skill", "delete_skill"],
    "chat:usage": ["get_spending"],
    "chat:cost": ["get_turn", "list_caps"],
    "chat:set_cap": ["put_cap"],
    "chat:changes": ["list_versions", "version_changes"],
    "chat:version": ["change_version"],
    "chat:restore": ["restore_version"],
    "chat:install_version": ["get_version", "run_command"],
    "chat:archive_version": ["version_archive"],
    "chat:models": ["list_providers", "list_models"],
    "chat:prefer_models": ["prefer_models"],
    "chat:create_provider": ["create_provider"],
    "chat:change_provider": ["change_provider"],
    "chat:delete_provider": ["delete_provider"],
    "chat:test_provider": ["test_provider"],
    "chat:fetch_models": ["fetch_models"],
    "chat:add_model": ["add_model"],
    "chat:change_model": ["change_model"],
    "chat:delete_model": ["delete_model"],
    "chat:test_model": ["test_model"],
    "chat:tool_servers": ["list_tool_servers"],
    "chat:create_tool_server": ["create_tool_server", "test_tool_server"],
    "chat:change_tool_server": ["change_tool_server"],
    "chat:delete_tool_server": ["delete_tool_server"],
    "chat:test_tool_server": ["test_tool_server"],
}


def test_every_page_has_its_operations(db: None) -> None:
    pages = {
        f"{module.app_name}:{pattern.name}"
        for module in (sandboxes, chat)
        for pattern in module.urlpatterns
    }
    document = api.get_openapi_schema()
    offered = {one["operationId"] for item in document["paths"].values() for one in item.values()}
    assert pages - set(SAME) == set(), "say which operations of the API do the same"
    assert {one for names in SAME.values() for one in names} - offered == set()
