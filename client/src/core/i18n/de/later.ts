/** German texts of the administration: they come with its pages, not with the first load. */
import type { LaterCatalogue } from "../catalogue";
import { anomalies } from "./anomalies";
import { directoryPages } from "./directoryPages";
import { discover } from "./discover";
import { effects } from "./effects";
import { exportPages } from "./exportPages";
import { exporting } from "./exporting";
import { faults } from "./faults";
import { importing } from "./importing";
import { ldap } from "./ldap";
import { rights } from "./rights";
import { sourcePages } from "./sourcePages";
import { sources } from "./sources";
import { takeover } from "./takeover";

const later: LaterCatalogue = { ...anomalies, ...directoryPages, ...discover, ...effects, ...exportPages, ...exporting, ...faults, ...importing, ...ldap, ...rights, ...sourcePages, ...sources, ...takeover };
export default later;
