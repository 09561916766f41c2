"""How `top` comes to a screen, by textual. All text of a fleet is taken as it is, never as markup."""
