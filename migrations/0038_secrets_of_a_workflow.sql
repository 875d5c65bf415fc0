ALTER TABLE `secret_values` ADD `workflow_id` text;--> statement-breakpoint
UPDATE `secret_values` SET `workflow_id` = w.`id` FROM `workflows` w, json_each(w.`wire`, '$.variables') v
WHERE w.`org_id` = `secret_values`.`org_id` AND w.`authoring` = 'enhanced' AND v.`value` ->> '$.secretId' = `secret_values`.`id`;
--> statement-breakpoint
DELETE FROM `secret_values` WHERE `workflow_id` IS NULL AND NOT EXISTS (
  SELECT 1 FROM `global_variables` g WHERE g.`org_id` = `secret_values`.`org_id` AND g.`secret_id` = `secret_values`.`id`);
