from __future__ import annotations

from django.urls import path

from chat.views import (
    answers,
    consent,
    conversations,
    messages,
    preferences,
    turns,
    versions,
    workbench,
)

app_name = "chat"
urlpatterns = [
    path("", workbench.home, name="home"),
    path("new/", workbench.new, name="new"),
    path("new/send/", turns.start, name="start"),
    path("conversations/", workbench.search, name="search"),
    path("preferences/", preferences.update, name="preferences"),
    path("c/<str:conversation_id>/", workbench.show, name="show"),
    path("c/<str:conversation_id>/send/", turns.send, name="send"),
    path("c/<str:conversation_id>/stop/", turns.stop, name="stop"),
    path("c/<str:conversation_id>/rename/", conversations.rename, name="rename"),
    path("c/<str:conversation_id>/model/", conversations.choose_model, name="choose_model"),
    path("c/<str:conversation_id>/mode/", consent.choose_mode, name="choose_mode"),
    path("c/<str:conversation_id>/approval/", consent.choose_approval, name="choose_approval"),
    path("c/<str:conversation_id>/archive/", conversations.archive, name="archive"),
    path("c/<str:conversation_id>/delete/", conversations.delete, name="delete"),
    path("c/<str:conversation_id>/changes/", versions.changes, name="changes"),
    path("versions/<str:version_id>/", versions.change, name="version"),
    path("versions/<str:version_id>/restore/", versions.restore, name="restore"),
    path("versions/<str:version_id>/archive/", versions.archive, name="archive_version"),
    path("messages/<str:message_id>/", messages.show, name="message"),
    path("risks/", consent.risks_page, name="risks"),
    path("turns/<str:turn_id>/answer/", answers.answer, name="answer"),
    path("turns/<str:turn_id>/retry/", turns.retry, name="retry"),
]
