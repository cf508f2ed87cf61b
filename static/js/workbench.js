// Starts the parts of the workbench page, each in its own module.

import "./page.js";
import "./log-view.js";
import { startAsking } from "./asking.js";
import { startAttachments } from "./attachments.js";
import { startAttention } from "./attention.js";
import { startCards } from "./cards.js";
import { startCode } from "./code.js";
import { startComposer } from "./composer.js";
import { startList } from "./list.js";
import { startLive } from "./live.js";
import { startLogs } from "./logs.js";
import { startMention } from "./mention.js";
import { startMessageActions } from "./message-actions.js";
import { startModelChoice } from "./model-choice.js";
import { startPanels } from "./panels.js";
import { startPreview } from "./preview.js";
import { startQueue } from "./queue.js";
import { startRecall } from "./recall.js";
import { startRefused } from "./refused.js";
import { startScroll } from "./scroll.js";
import { startSplitters } from "./splitter.js";
import { startTabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { startVersions } from "./versions.js";

startLive();
startTabs();
startList();
startTheme();
startSplitters();
// Before the composer: a list that is open takes the keys, what still comes delays the message.
startAttachments();
startMention();
startRecall();
startComposer();
startModelChoice();
startQueue();
startMessageActions();
startAsking();
startCards(startScroll());
startPreview();
startCode();
startVersions();
startLogs();
startPanels();
startRefused();
startAttention();
