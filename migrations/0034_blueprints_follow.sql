-- What became of a blueprint follows from its uses and ratings, each counted as the difference that a change makes. Written by hand; see
-- src/db/schema/blueprint-tallies.ts.

CREATE TRIGGER blueprint_uses_begun AFTER INSERT ON blueprint_uses BEGIN
  INSERT INTO blueprint_tallies(org_id, blueprint_id, uses, organizations)
    VALUES (NEW.org_id, NEW.blueprint_id, NEW.n, NEW.used_by <> NEW.org_id)
    ON CONFLICT DO UPDATE SET uses = uses + excluded.uses, organizations = organizations + excluded.organizations;
END;
--> statement-breakpoint
CREATE TRIGGER blueprint_uses_counted AFTER UPDATE OF n ON blueprint_uses BEGIN
  UPDATE blueprint_tallies SET uses = uses + NEW.n - OLD.n WHERE org_id = NEW.org_id AND blueprint_id = NEW.blueprint_id;
END;
--> statement-breakpoint
CREATE TRIGGER blueprint_ratings_given AFTER INSERT ON blueprint_ratings BEGIN
  INSERT INTO blueprint_tallies(org_id, blueprint_id, ratings, stars) VALUES (NEW.org_id, NEW.blueprint_id, 1, NEW.stars)
    ON CONFLICT DO UPDATE SET ratings = ratings + 1, stars = stars + excluded.stars;
END;
--> statement-breakpoint
CREATE TRIGGER blueprint_ratings_changed AFTER UPDATE OF stars ON blueprint_ratings BEGIN
  UPDATE blueprint_tallies SET stars = stars + NEW.stars - OLD.stars WHERE org_id = NEW.org_id AND blueprint_id = NEW.blueprint_id;
END;
--> statement-breakpoint
CREATE TRIGGER blueprints_forgotten AFTER DELETE ON blueprints BEGIN
  DELETE FROM blueprint_ratings WHERE org_id = OLD.org_id AND blueprint_id = OLD.id;
  DELETE FROM blueprint_uses WHERE org_id = OLD.org_id AND blueprint_id = OLD.id;
  DELETE FROM blueprint_tallies WHERE org_id = OLD.org_id AND blueprint_id = OLD.id;
END;
