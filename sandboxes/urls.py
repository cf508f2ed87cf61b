from __future__ import annotations

from django.urls import path

from sandboxes.views import (
    browsing,
    commands,
    file_changes,
    files,
    network,
    port_access,
    preview_entry,
    sandboxes,
    snapshots,
    usage,
)

app_name = "sandboxes"
urlpatterns = [
    path("sandboxes/", sandboxes.index, name="index"),
    path("sandboxes/<str:sandbox_id>/", sandboxes.show, name="show"),
    path("sandboxes/<str:sandbox_id>/usage/", usage.show, name="usage"),
    path("sandboxes/<str:sandbox_id>/stop/", sandboxes.stop, name="stop"),
    path("sandboxes/<str:sandbox_id>/resume/", sandboxes.resume, name="resume"),
    path("sandboxes/<str:sandbox_id>/extend/", sandboxes.extend, name="extend"),
    path("sandboxes/<str:sandbox_id>/delete/", sandboxes.delete, name="delete"),
    path("sandboxes/<str:sandbox_id>/fork/", snapshots.fork, name="fork"),
    path("sandboxes/<str:sandbox_id>/snapshots/", snapshots.create, name="make_snapshot"),
    path("sandboxes/<str:sandbox_id>/restore/", snapshots.restore, name="restore"),
    path("snapshots/", snapshots.index, name="snapshots"),
    path("snapshots/<str:snapshot_id>/start/", snapshots.start, name="start_snapshot"),
    path("snapshots/<str:snapshot_id>/delete/", snapshots.delete, name="delete_snapshot"),
    path("previews/enter/", preview_entry.enter, name="enter_preview"),
    path("sandboxes/<str:sandbox_id>/ports/<int:port>/", port_access.show, name="port_access"),
    path("sandboxes/<str:sandbox_id>/browse/", browsing.browse, name="browse"),
    path("sandboxes/<str:sandbox_id>/files/", files.listing, name="files"),
    path("sandboxes/<str:sandbox_id>/file/", files.show, name="file"),
    path("sandboxes/<str:sandbox_id>/download/", files.download, name="download"),
    path("sandboxes/<str:sandbox_id>/image/", files.image, name="image"),
    path("sandboxes/<str:sandbox_id>/archive/", files.archive, name="archive"),
    path("sandboxes/<str:sandbox_id>/files/search/", files.search, name="search_files"),
    path("sandboxes/<str:sandbox_id>/file/create/", file_changes.create, name="create_file"),
    path("sandboxes/<str:sandbox_id>/file/move/", file_changes.move, name="move_file"),
    path("sandboxes/<str:sandbox_id>/file/delete/", file_changes.delete, name="delete_file"),
    path("sandboxes/<str:sandbox_id>/network/", network.update, name="network"),
    path("commands/<str:command_id>/", commands.show, name="command"),
    path("sandboxes/<str:sandbox_id>/network/hosts/", network.allow_host, name="allow_host"),
    path("commands/<str:command_id>/refused/", commands.refused, name="refused"),
    path("commands/<str:command_id>/log/", commands.log, name="log"),
    path("commands/<str:command_id>/stop/", commands.stop, name="stop_command"),
    path("commands/<str:command_id>/again/", commands.again, name="run_again"),
    path("isolation/consent/", sandboxes.consent, name="consent"),
]
