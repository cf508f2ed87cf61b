// The page of one command: beside its log, what the network refused to it.

import { startRefused } from "./refused.js";

startRefused();
