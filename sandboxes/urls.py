from __future__ import annotations

from django.urls import path

from sandboxes.views import commands, files, sandboxes, snapshots

app_name = "sandboxes"
urlpatterns = [
    path("sandboxes/", sandboxes.index, name="index"),
    path("sandboxes/<str:sandbox_id>/", sandboxes.show, name="show"),
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
    path("sandboxes/<str:sandbox_id>/files/", files.listing, name="files"),
    path("sandboxes/<str:sandbox_id>/file/", files.show, name="file"),
    path("sandboxes/<str:sandbox_id>/download/", files.download, name="download"),
    path("commands/<str:command_id>/", commands.show, name="command"),
    path("commands/<str:command_id>/log/", commands.log, name="log"),
    path("commands/<str:command_id>/stop/", commands.stop, name="stop_command"),
    path("commands/<str:command_id>/again/", commands.again, name="run_again"),
    path("isolation/consent/", sandboxes.consent, name="consent"),
]
