/** Mantine styles that only pages with forms need; loaded with them. */
import "@mantine/core/styles/Combobox.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/Switch.css";
import "@mantine/core/styles/Slider.css";
import "@mantine/core/styles/Pill.css";
import "@mantine/core/styles/PillsInput.css";
import "@mantine/core/styles/SegmentedControl.css";
import "@mantine/core/styles/FloatingIndicator.css";
import "@mantine/core/styles/NumberInput.css";
import "@mantine/core/styles/Drawer.css";
import "@mantine/core/styles/Tabs.css";
import "@mantine/core/styles/Progress.css";
