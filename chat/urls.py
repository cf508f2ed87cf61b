from __future__ import annotations

from django.urls import path

from chat.views import (
    conversations,
    language_models,
    messages,
    model_providers,
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
    path("c/<str:conversation_id>/archive/", conversations.archive, name="archive"),
    path("c/<str:conversation_id>/delete/", conversations.delete, name="delete"),
    path("c/<str:conversation_id>/changes/", versions.changes, name="changes"),
    path("versions/<str:version_id>/", versions.change, name="version"),
    path("versions/<str:version_id>/restore/", versions.restore, name="restore"),
    path("versions/<str:version_id>/archive/", versions.archive, name="archive_version"),
    path("messages/<str:message_id>/", messages.show, name="message"),
    path("turns/<str:turn_id>/retry/", turns.retry, name="retry"),
    path("settings/models/", model_providers.show, name="models"),
    path("settings/models/choice/", language_models.prefer, name="prefer_models"),
    path("settings/models/providers/", model_providers.create, name="create_provider"),
    path(
        "settings/models/providers/<str:provider_id>/",
        model_providers.change,
        name="change_provider",
    ),
    path(
        "settings/models/providers/<str:provider_id>/delete/",
        model_providers.delete,
        name="delete_provider",
    ),
    path(
        "settings/models/providers/<str:provider_id>/test/",
        model_providers.test,
        name="test_provider",
    ),
    path(
        "settings/models/providers/<str:provider_id>/fetch/",
        language_models.fetch,
        name="fetch_models",
    ),
    path("settings/models/providers/<str:provider_id>/add/", language_models.add, name="add_model"),
    path("settings/models/<str:model_id>/", language_models.change, name="change_model"),
    path("settings/models/<str:model_id>/delete/", language_models.delete, name="delete_model"),
    path("settings/models/<str:model_id>/test/", language_models.test, name="test_model"),
]
