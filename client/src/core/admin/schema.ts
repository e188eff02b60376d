/** JSON Schema of a connector's settings as a list of form fields. Pure. */
import type { JsonSchema } from "../api/types";

export type FieldKind = "text" | "password" | "integer" | "number" | "switch" | "choice" | "list" | "json";

export interface SchemaField {
  key: string;
  title: string;
  description: string;
  kind: FieldKind;
  required: boolean;
  initial: unknown;
  choices: string[];
  minimum?: number;
  maximum?: number;
}

type Root = JsonSchema & { $ref?: string; $defs?: Record<string, JsonSchema>; items?: JsonSchema };

function resolve(schema: Root, defs: Record<string, JsonSchema>): Root {
  const name = schema.$ref?.split("/").at(-1);
  const target = name ? defs[name] : undefined;
  return target ? { ...(target as Root), ...schema, ...(schema.description ? { description: schema.description } : {}) } : schema;
}

/** "host_name" → "Host name": what to call a setting that has no title. */
export function titleOf(key: string): string {
  const words = key.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function kindOf(schema: Root): FieldKind {
  if (schema.enum) return "choice";
  if (schema.format === "password" || schema.writeOnly) return "password";
  switch (schema.type) {
    case "boolean":
      return "switch";
    case "integer":
      return "integer";
    case "number":
      return "number";
    case "array":
      return schema.items?.type === "string" || !schema.items ? "list" : "json";
    case "object":
      return "json";
    default:
      return "text";
  }
}

/** The first alternative that is not null: optional values come as `anyOf`. */
function unwrap(schema: Root, defs: Record<string, JsonSchema>): Root {
  const resolved = resolve(schema, defs);
  const real = resolved.anyOf?.find((each) => each.type !== "null");
  return real ? { ...resolve(real as Root, defs), ...resolved, type: resolve(real as Root, defs).type ?? "string" } : resolved;
}

export function schemaFields(schema: JsonSchema): SchemaField[] {
  const defs = (schema as Root).$defs ?? {};
  const root = resolve(schema as Root, defs);
  const required = new Set(root.required ?? []);
  return Object.entries(root.properties ?? {}).map(([key, property]) => {
    const field = unwrap(property as Root, defs);
    return {
      key, title: field.title && !field.properties ? field.title : titleOf(key), description: field.description ?? "", kind: kindOf(field),
      required: required.has(key), initial: field.default, choices: (field.enum ?? []).map(String),
      ...(field.minimum !== undefined ? { minimum: field.minimum } : {}), ...(field.maximum !== undefined ? { maximum: field.maximum } : {}),
    };
  });
}

/** Values to begin with: what is stored, else the defaults. */
export function initialValues(fields: readonly SchemaField[], stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap(({ key, initial }) => {
    const value = key in stored ? stored[key] : initial;
    return value === undefined || value === null ? [] : [[key, value]];
  }));
}
