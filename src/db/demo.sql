-- The demo organisation and its account admin / admin. `npm start` runs this against the local database of a machine in development, nothing
-- else does: no code of the worker makes the account, and a login to it is refused outside development (users.demo). Run again, it adds nothing.
INSERT INTO users (username, password_hash, demo, created_at)
VALUES ('admin', 'scrypt$15$8$1$mKR9nEe0SrmFH4fUeh+IHg==$IpkVM8ug0UmSOy36CRwoo0VR2ga3vkIzq9ZvKMNh+sY=', 1, unixepoch() * 1000)
ON CONFLICT DO NOTHING;

INSERT INTO organizations (id, name, personal_for, created_at)
SELECT '01900000-0000-7000-8000-00000000de00', 'Demo', CAST(id AS TEXT), created_at FROM users WHERE username = 'admin' AND demo = 1
ON CONFLICT DO NOTHING;

INSERT INTO members (org_id, user_id, role, created_by, created_at)
SELECT o.id, o.personal_for, 'owner', o.personal_for, o.created_at
FROM organizations o JOIN users u ON CAST(u.id AS TEXT) = o.personal_for WHERE u.username = 'admin' AND u.demo = 1
ON CONFLICT DO NOTHING;
