export { CheatSheet } from "./CheatSheet";
export { Palette } from "./Palette";
