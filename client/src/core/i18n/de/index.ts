/** German texts. */
import type { Catalogue } from "../catalogue";
import { admin } from "./admin";
import { calls } from "./calls";
import { common } from "./common";
import { errors } from "./errors";
import { journal } from "./journal";
import { people } from "./people";
import { settings } from "./settings";

const de: Catalogue = { ...admin, ...calls, ...common, ...errors, ...journal, ...people, ...settings };
export default de;
