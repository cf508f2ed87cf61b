from __future__ import annotations

from django.urls import path

from chat.views import (
    answers,
    attempts,
    consent,
    conversations,
    messages,
    preferences,
    queue,
    turns,
    usage,
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
    path("c/<str:conversation_id>/queue/", queue.show, name="queue"),
    path("c/<str:conversation_id>/thread/", attempts.thread, name="thread"),
    path("queued/<str:queued_id>/", queue.change, name="queued"),
    path("c/<str:conversation_id>/rename/", conversations.rename, name="rename"),
    path("c/<str:conversation_id>/model/", conversations.choose_model, name="choose_model"),
    path("c/<str:conversation_id>/mode/", consent.choose_mode, name="choose_mode"),
    path("c/<str:conversation_id>/approval/", consent.choose_approval, name="choose_approval"),
    path("c/<str:conversation_id>/archive/", conversations.archive, name="archive"),
    path("c/<str:conversation_id>/delete/", conversations.delete, name="delete"),
    path("c/<str:conversation_id>/cost/", usage.cost, name="cost"),
    path("c/<str:conversation_id>/cap/", usage.set_cap, name="set_cap"),
    path("usage/", usage.show, name="usage"),
    path("c/<str:conversation_id>/changes/", versions.changes, name="changes"),
    path("versions/<str:version_id>/", versions.change, name="version"),
    path("versions/<str:version_id>/restore/", versions.restore, name="restore"),
    path("versions/<str:version_id>/archive/", versions.archive, name="archive_version"),
    path("messages/<str:message_id>/", messages.show, name="message"),
    path("messages/<str:message_id>/edit/", attempts.edit, name="edit"),
    path("risks/", consent.risks_page, name="risks"),
    path("turns/<str:turn_id>/answer/", answers.answer, name="answer"),
    path("turns/<str:turn_id>/retry/", turns.retry, name="retry"),
    path("turns/<str:turn_id>/regenerate/", attempts.regenerate, name="regenerate"),
    path("turns/<str:turn_id>/bring-back/", attempts.bring_back, name="bring_back"),
]
