from __future__ import annotations

from django.urls import path

from chat.views import conversations, messages, preferences, repairs, turns, versions, workbench

app_name = "chat"
urlpatterns = [
    path("", workbench.home, name="home"),
    path("new/", workbench.new, name="new"),
    path("new/send/", turns.start, name="start"),
    path("conversations/", workbench.search, name="search"),
    path("preferences/", preferences.update, name="preferences"),
    path("c/<str:conversation_id>/", workbench.show, name="show"),
    path("c/<str:conversation_id>/earlier/", workbench.earlier, name="earlier"),
    path("c/<str:conversation_id>/send/", turns.send, name="send"),
    path("c/<str:conversation_id>/stop/", turns.stop, name="stop"),
    path("c/<str:conversation_id>/rename/", conversations.rename, name="rename"),
    path("c/<str:conversation_id>/model/", conversations.choose_model, name="choose_model"),
    path("c/<str:conversation_id>/archive/", conversations.archive, name="archive"),
    path("c/<str:conversation_id>/delete/", conversations.delete, name="delete"),
    path("c/<str:conversation_id>/changes/", versions.changes, name="changes"),
    path("versions/<str:version_id>/", versions.change, name="version"),
    path("versions/<str:version_id>/restore/", versions.restore, name="restore"),
    path("versions/<str:version_id>/archive/", versions.archive, name="archive_version"),
    path("messages/<str:message_id>/", messages.show, name="message"),
    path("parts/<str:part_id>/fix/", repairs.fix, name="fix"),
    path("turns/<str:turn_id>/retry/", turns.retry, name="retry"),
]
