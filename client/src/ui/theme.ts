/** Our own theme: system font, 4 px grid, two radii, one accent, neutral greys. Colours of the surfaces are in tokens.css. */
import { Button, createTheme, Kbd, type MantineColorsTuple, Modal, PasswordInput, Tooltip } from "@mantine/core";

const teal: MantineColorsTuple = ["#eefcf9", "#d5f5ef", "#a8ebdf", "#5eead4", "#34c9b6", "#1fae9e", "#149085", "#0f766e", "#0d5f59", "#0a4a46"];
const gray: MantineColorsTuple = ["#f7f8f9", "#eff1f3", "#e3e7ea", "#d3d9de", "#b6c0c8", "#8d99a3", "#6b7882", "#4f5b65", "#333d45", "#1a2126"];
const dark: MantineColorsTuple = ["#e6eaed", "#c3cbd1", "#9ba7b0", "#6d7a84", "#3a444b", "#2c343a", "#1f262b", "#171c20", "#12161a", "#0d1013"];
const red: MantineColorsTuple = ["#fdf0f0", "#fadcdc", "#f3b6b6", "#f08c8c", "#e56666", "#d94a4a", "#c93636", "#b02a2a", "#8f2121", "#6f1a1a"];

/** Choices open inside the landmark or dialogue of their field, and the list itself scrolls: so both can be reached by every reader. */
const choices = { defaultProps: { comboboxProps: { withinPortal: false }, withScrollArea: false, classNames: { options: "choices" } } };

export const theme = createTheme({
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace',
  colors: { teal, gray, dark, red },
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: "sm",
  radius: { xs: "6px", sm: "6px", md: "12px", lg: "12px", xl: "12px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    Modal: Modal.extend({ defaultProps: { centered: true, radius: "md", transitionProps: { transition: "pop", duration: 120 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: false, radius: "sm", multiline: true, transitionProps: { duration: 80 } } }),
    Kbd: Kbd.extend({ defaultProps: { size: "xs" } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: "sm" } }),
    Select: choices,
    MultiSelect: choices,
  },
});
