/** Italian texts. */
import type { Catalogue } from "../catalogue";
import { admin } from "./admin";
import { anomalies } from "./anomalies";
import { calls } from "./calls";
import { directoryPages } from "./directoryPages";
import { discover } from "./discover";
import { effects } from "./effects";
import { common } from "./common";
import { errors } from "./errors";
import { exporting } from "./exporting";
import { faults } from "./faults";
import { importing } from "./importing";
import { journal } from "./journal";
import { people } from "./people";
import { rights } from "./rights";
import { settings } from "./settings";
import { sourcePages } from "./sourcePages";
import { sources } from "./sources";

const it: Catalogue = { ...admin, ...anomalies, ...calls, ...common, ...directoryPages, ...discover, ...effects, ...errors, ...exporting, ...faults, ...importing, ...journal, ...people, ...rights, ...settings, ...sourcePages, ...sources };
export default it;
