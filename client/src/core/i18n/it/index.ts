/** Italian texts. */
import type { Catalogue } from "../catalogue";
import { admin } from "./admin";
import { anomalies } from "./anomalies";
import { calls } from "./calls";
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
import { sources } from "./sources";

const it: Catalogue = { ...admin, ...anomalies, ...calls, ...common, ...discover, ...effects, ...errors, ...exporting, ...faults, ...importing, ...journal, ...people, ...rights, ...settings, ...sources };
export default it;
