// Starts the parts of the workbench page, each in its own module.

import "./page.js";
import "./log-view.js";
import { startAsking } from "./asking.js";
import { startCards } from "./cards.js";
import { startCode } from "./code.js";
import { startComposer } from "./composer.js";
import { startLive } from "./live.js";
import { startLogs } from "./logs.js";
import { startMessageActions } from "./message-actions.js";
import { startPanels } from "./panels.js";
import { startPreview } from "./preview.js";
import { startQueue } from "./queue.js";
import { startRefused } from "./refused.js";
import { startScroll } from "./scroll.js";
import { startSplitters } from "./splitter.js";
import { startTabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { startVersions } from "./versions.js";

startLive();
startTabs();
startTheme();
startSplitters();
startComposer();
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
