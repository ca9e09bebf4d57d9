"""Floor 4: frozen view models. Every printed figure is taken from them, so no two formats can differ."""
