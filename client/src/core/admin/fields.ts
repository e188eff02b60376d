/** The fields of a contact that a source can fill, in the order in which people look for them. Keys are the server's. */

const address = (kind: string): string[] => ["street", "postal_code", "city", "state", "country"].map((part) => `${kind}_${part}`);

export const GROUPS = {
  who: ["display_name", "first_name", "last_name", "company", "job_title", "department", "customer_id"],
  numbers: [
    "phone_business", "phone_mobile", "phone_company_main", "phone_business_2", "phone_home", "phone_home_2", "phone_other", "phone_assistant", "phone_primary",
    "phone_callback", "phone_car", "phone_radio", "phone_pager", "phone_isdn", "phone_tty_tdd", "fax_business", "fax_home", "phone",
  ],
  mail: ["email", "email_2", "email_3", "web", "sip_address"],
  address: [...address("business"), "office_room_number"],
  more: ["note", "entry_id", "direct_link", "country", "private_contact", "cti_user", ...address("private"), ...address("other")],
  custom: Array.from({ length: 10 }, (_, number) => `custom.${number}`),
} satisfies Record<string, string[]> as Record<"who" | "numbers" | "mail" | "address" | "more" | "custom", string[]>;
export type Group = keyof typeof GROUPS;
