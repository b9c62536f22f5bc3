CREATE TABLE assessment (
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  at DATETIME NOT NULL,
  record TEXT NOT NULL,
  CONSTRAINT pk_assessment PRIMARY KEY (tenant, sha256)
);

CREATE TABLE asset (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  root_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  forgotten_at DATETIME,
  CONSTRAINT pk_asset PRIMARY KEY (tenant, id)
);

CREATE INDEX ix_asset_tenant_root_id ON asset (tenant, root_id);

CREATE TABLE event_horizon (
  id VARCHAR(36) NOT NULL,
  until DATETIME NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_event_horizon PRIMARY KEY (id)
);

CREATE TABLE file_deletion (
  tenant TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_file_deletion PRIMARY KEY (tenant, sha256)
);

CREATE TABLE idempotency (
  tenant TEXT NOT NULL,
  holder TEXT NOT NULL,
  route TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  token TEXT,
  leased_until DATETIME,
  at DATETIME NOT NULL,
  status INTEGER,
  headers JSON,
  media_type TEXT,
  body BLOB,
  secret_until DATETIME,
  CONSTRAINT pk_idempotency PRIMARY KEY (tenant, holder, route, name),
  CONSTRAINT ck_idempotency_answered_or_running CHECK ((status IS NULL) = (token IS NOT NULL)),
  CONSTRAINT ck_idempotency_lease CHECK ((token IS NULL) = (leased_until IS NULL))
);

CREATE INDEX ix_idempotency_at ON idempotency (at);

CREATE TABLE inspection (
  tenant TEXT NOT NULL,
  photo_sha256 TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  at DATETIME NOT NULL,
  record TEXT NOT NULL,
  likeness BLOB,
  CONSTRAINT pk_inspection PRIMARY KEY (tenant, photo_sha256, fingerprint)
);

CREATE TABLE job (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  payload JSON NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  at DATETIME NOT NULL,
  run_at DATETIME NOT NULL,
  worker TEXT,
  leased_until DATETIME,
  ended_at DATETIME,
  problem TEXT,
  CONSTRAINT pk_job PRIMARY KEY (id),
  CONSTRAINT uq_job_tenant_kind_name UNIQUE (tenant, kind, name),
  CONSTRAINT ck_job_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  CONSTRAINT ck_job_attempts CHECK (attempts >= 0 AND attempts <= max_attempts),
  CONSTRAINT ck_job_worker CHECK ((state = 'running') = (worker IS NOT NULL)),
  CONSTRAINT ck_job_lease CHECK ((worker IS NULL) = (leased_until IS NULL))
);

CREATE INDEX ix_job_due ON job (run_at, id) WHERE state IN ('waiting', 'running');

CREATE TABLE review_lease (
  tenant TEXT NOT NULL,
  request_id VARCHAR(36) NOT NULL,
  leased_by TEXT NOT NULL,
  leased_until DATETIME NOT NULL,
  CONSTRAINT pk_review_lease PRIMARY KEY (tenant, request_id)
);

CREATE TABLE sent_photo (
  tenant TEXT NOT NULL,
  sent_sha256 TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_sent_photo PRIMARY KEY (tenant, sent_sha256, sha256)
);

CREATE INDEX ix_sent_photo_tenant_sha256 ON sent_photo (tenant, sha256);

CREATE TABLE subscription (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  url TEXT NOT NULL,
  types JSON NOT NULL,
  secret BLOB NOT NULL,
  state TEXT NOT NULL,
  why TEXT,
  position BIGINT NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_subscription PRIMARY KEY (tenant, id),
  CONSTRAINT ck_subscription_state CHECK (state IN ('enabled', 'disabled'))
);

CREATE TABLE tally (
  id VARCHAR(36) NOT NULL,
  tenant TEXT NOT NULL,
  figure TEXT NOT NULL,
  labels TEXT NOT NULL,
  count BIGINT NOT NULL,
  total FLOAT NOT NULL,
  CONSTRAINT pk_tally PRIMARY KEY (id)
);

CREATE INDEX ix_tally_tenant_figure ON tally (tenant, figure);

CREATE TABLE timed_event (
  tenant TEXT NOT NULL,
  noun_verb TEXT NOT NULL,
  subject_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_timed_event PRIMARY KEY (tenant, noun_verb, subject_id)
);

CREATE TABLE cases (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  journey TEXT NOT NULL,
  channel TEXT NOT NULL,
  asset_id VARCHAR(36),
  customer_ref TEXT,
  at DATETIME NOT NULL,
  expires_at DATETIME,
  forgotten_at DATETIME,
  version INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  record TEXT NOT NULL,
  CONSTRAINT pk_cases PRIMARY KEY (tenant, id),
  CONSTRAINT fk_cases_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT ck_cases_channel CHECK (channel IN ('app', 'web', 'kiosk', 'store', 'warehouse', 'partner')),
  CONSTRAINT ck_cases_version CHECK (version >= 1),
  CONSTRAINT ck_cases_sequence CHECK (sequence >= 0)
);

CREATE INDEX ix_cases_tenant_asset_id ON cases (tenant, asset_id);

CREATE INDEX ix_cases_tenant_customer_ref ON cases (tenant, customer_ref);

CREATE INDEX ix_cases_tenant_journey_id ON cases (tenant, journey, id);

CREATE TABLE identifier (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  hmac TEXT NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_identifier PRIMARY KEY (tenant, kind, hmac),
  CONSTRAINT fk_identifier_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT ck_identifier_kind CHECK (kind IN ('eid', 'imei', 'meid', 'serial', 'tag'))
);

CREATE INDEX ix_identifier_tenant_asset_id ON identifier (tenant, asset_id);

CREATE TABLE case_state (
  tenant TEXT NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  journey TEXT NOT NULL,
  channel TEXT NOT NULL,
  step TEXT,
  ending TEXT NOT NULL,
  evidence TEXT NOT NULL,
  deal TEXT NOT NULL,
  custody TEXT NOT NULL,
  outcome TEXT NOT NULL,
  resale TEXT NOT NULL,
  step_at DATETIME NOT NULL,
  agreed_id VARCHAR(36),
  erased_id VARCHAR(36),
  stale BOOLEAN NOT NULL,
  due_at DATETIME,
  CONSTRAINT pk_case_state PRIMARY KEY (tenant, case_id),
  CONSTRAINT fk_case_state_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT ck_case_state_channel CHECK (channel IN ('app', 'web', 'kiosk', 'store', 'warehouse', 'partner'))
);

CREATE INDEX ix_case_state_due ON case_state (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_case_state_stale ON case_state (tenant, case_id) WHERE stale = 1;

CREATE TABLE data_key (
  tenant TEXT NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  sealed BLOB NOT NULL,
  CONSTRAINT pk_data_key PRIMARY KEY (tenant, case_id),
  CONSTRAINT fk_data_key_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id)
);

CREATE TABLE event (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  position BIGINT,
  type TEXT NOT NULL,
  at DATETIME NOT NULL,
  case_id VARCHAR(36),
  sequence INTEGER,
  envelope TEXT NOT NULL,
  CONSTRAINT pk_event PRIMARY KEY (tenant, id),
  CONSTRAINT uq_event_position UNIQUE (position),
  CONSTRAINT fk_event_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT uq_event_tenant_case_id_sequence UNIQUE (tenant, case_id, sequence),
  CONSTRAINT ck_event_sequence CHECK ((case_id IS NULL) = (sequence IS NULL))
);

CREATE INDEX ix_event_tenant_position ON event (tenant, position);

CREATE INDEX ix_event_unplaced ON event (at, id) WHERE position IS NULL;

CREATE TABLE honeypot (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  assessment_id VARCHAR(36) NOT NULL,
  verdict TEXT NOT NULL,
  defects JSON NOT NULL,
  recorded_by TEXT NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_honeypot PRIMARY KEY (tenant, id),
  CONSTRAINT uq_honeypot_tenant_assessment_id UNIQUE (tenant, assessment_id),
  CONSTRAINT fk_honeypot_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id)
);

CREATE TABLE principal (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  scopes JSON NOT NULL,
  case_id VARCHAR(36),
  per_minute INTEGER NOT NULL,
  at DATETIME NOT NULL,
  expires_at DATETIME,
  revoked_at DATETIME,
  CONSTRAINT pk_principal PRIMARY KEY (tenant, id),
  CONSTRAINT uq_principal_id UNIQUE (id),
  CONSTRAINT fk_principal_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT ck_principal_kind CHECK (kind IN ('key', 'link')),
  CONSTRAINT ck_principal_per_minute CHECK (per_minute > 0),
  CONSTRAINT ck_principal_link_has_case CHECK (kind <> 'link' OR case_id IS NOT NULL)
);

CREATE TABLE sealed_number (
  tenant TEXT NOT NULL,
  reading_id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  sealed BLOB NOT NULL,
  CONSTRAINT pk_sealed_number PRIMARY KEY (tenant, reading_id),
  CONSTRAINT fk_sealed_number_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id)
);

CREATE INDEX ix_sealed_number_tenant_case_id ON sealed_number (tenant, case_id);

CREATE TABLE visit (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  channel TEXT NOT NULL,
  CONSTRAINT pk_visit PRIMARY KEY (tenant, id),
  CONSTRAINT ck_visit_channel CHECK (channel IN ('app', 'web', 'kiosk', 'store', 'warehouse', 'partner')),
  CONSTRAINT fk_visit_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id)
);

CREATE INDEX ix_visit_tenant_case_id ON visit (tenant, case_id);

CREATE TABLE assessment_revision (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  number INTEGER NOT NULL,
  record_sha256 TEXT NOT NULL,
  CONSTRAINT pk_assessment_revision PRIMARY KEY (tenant, id),
  CONSTRAINT uq_assessment_revision_tenant_case_id_number UNIQUE (tenant, case_id, number),
  CONSTRAINT fk_assessment_revision_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_assessment_revision_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_assessment_revision_tenant_case_id ON assessment_revision (tenant, case_id);

CREATE TABLE asset_record (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_asset_record PRIMARY KEY (tenant, id),
  CONSTRAINT fk_asset_record_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_asset_record_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_asset_record_tenant_asset_id ON asset_record (tenant, asset_id);

CREATE TABLE complaint (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_complaint PRIMARY KEY (tenant, id),
  CONSTRAINT fk_complaint_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_complaint_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_complaint_tenant_case_id ON complaint (tenant, case_id);

CREATE TABLE consent_change (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_consent_change PRIMARY KEY (tenant, id),
  CONSTRAINT fk_consent_change_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_consent_change_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_consent_change_tenant_case_id ON consent_change (tenant, case_id);

CREATE TABLE custody_move (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  moved_to TEXT NOT NULL,
  CONSTRAINT pk_custody_move PRIMARY KEY (tenant, id),
  CONSTRAINT ck_custody_move_moved_to CHECK (moved_to IN ('customer', 'in_transit', 'ours', 'returned', 'sold', 'recycled')),
  CONSTRAINT fk_custody_move_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_custody_move_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_custody_move_tenant_asset_id ON custody_move (tenant, asset_id);

CREATE TABLE delivery (
  tenant TEXT NOT NULL,
  subscription_id VARCHAR(36) NOT NULL,
  event_id VARCHAR(36) NOT NULL,
  position BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  at DATETIME NOT NULL,
  run_at DATETIME NOT NULL,
  worker TEXT,
  leased_until DATETIME,
  ended_at DATETIME,
  status INTEGER,
  problem TEXT,
  CONSTRAINT pk_delivery PRIMARY KEY (tenant, subscription_id, event_id),
  CONSTRAINT fk_delivery_tenant_subscription_id FOREIGN KEY(tenant, subscription_id) REFERENCES subscription (tenant, id),
  CONSTRAINT fk_delivery_tenant_event_id FOREIGN KEY(tenant, event_id) REFERENCES event (tenant, id),
  CONSTRAINT ck_delivery_state CHECK (state IN ('waiting', 'sending', 'delivered', 'failed')),
  CONSTRAINT ck_delivery_attempts CHECK (attempts >= 0)
);

CREATE INDEX ix_delivery_due ON delivery (run_at, position) WHERE state IN ('waiting', 'sending');

CREATE TABLE dispute (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  assessment_id VARCHAR(36) NOT NULL,
  CONSTRAINT pk_dispute PRIMARY KEY (tenant, id),
  CONSTRAINT fk_dispute_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_dispute_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_dispute_tenant_case_id ON dispute (tenant, case_id);

CREATE TABLE erasure_certificate (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  identifier_hmac TEXT NOT NULL,
  document TEXT,
  CONSTRAINT pk_erasure_certificate PRIMARY KEY (tenant, id),
  CONSTRAINT fk_erasure_certificate_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_erasure_certificate_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_erasure_certificate_tenant_asset_id ON erasure_certificate (tenant, asset_id);

CREATE INDEX ix_erasure_certificate_tenant_document ON erasure_certificate (tenant, document);

CREATE TABLE hand_off (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  token_sha256 TEXT NOT NULL,
  expires_at DATETIME NOT NULL,
  CONSTRAINT pk_hand_off PRIMARY KEY (tenant, id),
  CONSTRAINT uq_hand_off_token_sha256 UNIQUE (token_sha256),
  CONSTRAINT fk_hand_off_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_hand_off_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_hand_off_tenant_case_id ON hand_off (tenant, case_id);

CREATE TABLE holding (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_holding PRIMARY KEY (tenant, id),
  CONSTRAINT fk_holding_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_holding_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_holding_tenant_asset_id ON holding (tenant, asset_id);

CREATE TABLE honeypot_task (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  honeypot_id VARCHAR(36) NOT NULL,
  reviewer TEXT NOT NULL,
  at DATETIME NOT NULL,
  leased_until DATETIME NOT NULL,
  answered_at DATETIME,
  is_right BOOLEAN,
  defects_right INTEGER,
  seconds FLOAT,
  CONSTRAINT pk_honeypot_task PRIMARY KEY (tenant, id),
  CONSTRAINT uq_honeypot_task_tenant_honeypot_id_reviewer UNIQUE (tenant, honeypot_id, reviewer),
  CONSTRAINT fk_honeypot_task_tenant_honeypot_id FOREIGN KEY(tenant, honeypot_id) REFERENCES honeypot (tenant, id),
  CONSTRAINT ck_honeypot_task_answered CHECK ((answered_at IS NULL) = (is_right IS NULL))
);

CREATE INDEX ix_honeypot_task_tenant_reviewer ON honeypot_task (tenant, reviewer);

CREATE TABLE identifier_reading (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  kind TEXT NOT NULL,
  hmac TEXT NOT NULL,
  CONSTRAINT pk_identifier_reading PRIMARY KEY (tenant, id),
  CONSTRAINT ck_identifier_reading_kind CHECK (kind IN ('imei', 'imei2', 'meid', 'serial', 'eid', 'tag')),
  CONSTRAINT fk_identifier_reading_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_identifier_reading_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_identifier_reading_tenant_asset_id ON identifier_reading (tenant, asset_id);

CREATE INDEX ix_identifier_reading_tenant_hmac ON identifier_reading (tenant, hmac);

CREATE TABLE inspected (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  photo_sha256 TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  CONSTRAINT pk_inspected PRIMARY KEY (tenant, id),
  CONSTRAINT uq_inspected_tenant_case_id_photo_sha256_fingerprint UNIQUE (tenant, case_id, photo_sha256, fingerprint),
  CONSTRAINT fk_inspected_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_inspected_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_inspected_tenant_case_id ON inspected (tenant, case_id);

CREATE TABLE lock_check (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_lock_check PRIMARY KEY (tenant, id),
  CONSTRAINT fk_lock_check_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_lock_check_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_lock_check_tenant_asset_id ON lock_check (tenant, asset_id);

CREATE TABLE lot (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  reference TEXT NOT NULL,
  CONSTRAINT pk_lot PRIMARY KEY (tenant, id),
  CONSTRAINT fk_lot_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_lot_tenant_reference ON lot (tenant, reference);

CREATE TABLE offer_outcome (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  rule TEXT NOT NULL,
  outcome TEXT NOT NULL,
  CONSTRAINT pk_offer_outcome PRIMARY KEY (tenant, id),
  CONSTRAINT ck_offer_outcome_outcome CHECK (outcome IN ('shown', 'accepted', 'declined')),
  CONSTRAINT fk_offer_outcome_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_offer_outcome_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_offer_outcome_tenant_case_id ON offer_outcome (tenant, case_id);

CREATE INDEX ix_offer_outcome_tenant_rule_outcome ON offer_outcome (tenant, rule, outcome);

CREATE TABLE override (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_override PRIMARY KEY (tenant, id),
  CONSTRAINT fk_override_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_override_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_override_tenant_case_id ON override (tenant, case_id);

CREATE TABLE photo (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  CONSTRAINT pk_photo PRIMARY KEY (tenant, id),
  CONSTRAINT uq_photo_tenant_case_id_sha256 UNIQUE (tenant, case_id, sha256),
  CONSTRAINT fk_photo_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_photo_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_photo_tenant_case_id ON photo (tenant, case_id);

CREATE INDEX ix_photo_tenant_sha256 ON photo (tenant, sha256);

CREATE TABLE qualification (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  result TEXT NOT NULL,
  CONSTRAINT pk_qualification PRIMARY KEY (tenant, id),
  CONSTRAINT ck_qualification_result CHECK (result IN ('qualified', 'unqualified', 'alternate', 'needs_person')),
  CONSTRAINT fk_qualification_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_qualification_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_qualification_tenant_case_id ON qualification (tenant, case_id);

CREATE TABLE quote (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  valid_until DATETIME NOT NULL,
  CONSTRAINT pk_quote PRIMARY KEY (tenant, id),
  CONSTRAINT fk_quote_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_quote_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_quote_tenant_case_id ON quote (tenant, case_id);

CREATE TABLE review_request (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  assessment_id VARCHAR(36) NOT NULL,
  reason TEXT NOT NULL,
  due_at DATETIME,
  CONSTRAINT pk_review_request PRIMARY KEY (tenant, id),
  CONSTRAINT ck_review_request_reason CHECK (reason IN ('uncertain', 'near_limit', 'disputed', 'identity', 'price', 'audit', 'honeypot')),
  CONSTRAINT fk_review_request_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_review_request_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_review_request_tenant_case_id ON review_request (tenant, case_id);

CREATE TABLE test_run (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  CONSTRAINT pk_test_run PRIMARY KEY (tenant, id),
  CONSTRAINT fk_test_run_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_test_run_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_test_run_tenant_case_id ON test_run (tenant, case_id);

CREATE TABLE hand_off_claim (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  hand_off_id VARCHAR(36) NOT NULL,
  CONSTRAINT pk_hand_off_claim PRIMARY KEY (tenant, id),
  CONSTRAINT fk_hand_off_claim_tenant_hand_off_id FOREIGN KEY(tenant, hand_off_id) REFERENCES hand_off (tenant, id),
  CONSTRAINT uq_hand_off_claim_tenant_hand_off_id UNIQUE (tenant, hand_off_id),
  CONSTRAINT fk_hand_off_claim_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_hand_off_claim_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_hand_off_claim_tenant_case_id ON hand_off_claim (tenant, case_id);

CREATE TABLE lot_closed (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  lot_id VARCHAR(36) NOT NULL,
  CONSTRAINT pk_lot_closed PRIMARY KEY (tenant, id),
  CONSTRAINT fk_lot_closed_tenant_lot_id FOREIGN KEY(tenant, lot_id) REFERENCES lot (tenant, id),
  CONSTRAINT uq_lot_closed_tenant_lot_id UNIQUE (tenant, lot_id),
  CONSTRAINT fk_lot_closed_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE TABLE lot_item (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  lot_id VARCHAR(36) NOT NULL,
  CONSTRAINT pk_lot_item PRIMARY KEY (tenant, id),
  CONSTRAINT fk_lot_item_tenant_lot_id FOREIGN KEY(tenant, lot_id) REFERENCES lot (tenant, id),
  CONSTRAINT fk_lot_item_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT fk_lot_item_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_lot_item_tenant_asset_id ON lot_item (tenant, asset_id);

CREATE INDEX ix_lot_item_tenant_lot_id ON lot_item (tenant, lot_id);

CREATE TABLE lot_number (
  tenant TEXT NOT NULL,
  lot_id VARCHAR(36) NOT NULL,
  hmac TEXT NOT NULL,
  line INTEGER,
  scan_id VARCHAR(36),
  CONSTRAINT pk_lot_number PRIMARY KEY (tenant, lot_id, hmac),
  CONSTRAINT fk_lot_number_tenant_lot_id FOREIGN KEY(tenant, lot_id) REFERENCES lot (tenant, id)
);

CREATE INDEX ix_lot_number_tenant_hmac ON lot_number (tenant, hmac);

CREATE TABLE lot_scan (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  lot_id VARCHAR(36) NOT NULL,
  asset_id VARCHAR(36),
  outcome TEXT NOT NULL,
  line INTEGER,
  CONSTRAINT pk_lot_scan PRIMARY KEY (tenant, id),
  CONSTRAINT fk_lot_scan_tenant_lot_id FOREIGN KEY(tenant, lot_id) REFERENCES lot (tenant, id),
  CONSTRAINT fk_lot_scan_tenant_asset_id FOREIGN KEY(tenant, asset_id) REFERENCES asset (tenant, id),
  CONSTRAINT ck_lot_scan_outcome CHECK (outcome IN ('received', 'unexpected', 'repeated')),
  CONSTRAINT fk_lot_scan_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_lot_scan_tenant_lot_id ON lot_scan (tenant, lot_id);

CREATE TABLE quote_event (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  quote_id VARCHAR(36) NOT NULL,
  event TEXT NOT NULL,
  CONSTRAINT pk_quote_event PRIMARY KEY (tenant, id),
  CONSTRAINT fk_quote_event_tenant_quote_id FOREIGN KEY(tenant, quote_id) REFERENCES quote (tenant, id),
  CONSTRAINT ck_quote_event_event CHECK (event IN ('accepted', 'declined', 'expired', 'withdrawn')),
  CONSTRAINT fk_quote_event_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_quote_event_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_quote_event_tenant_case_id ON quote_event (tenant, case_id);

CREATE UNIQUE INDEX uq_quote_event_answer ON quote_event (tenant, quote_id) WHERE event IN ('accepted', 'declined');

CREATE TABLE review (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  assessment_id VARCHAR(36) NOT NULL,
  request_id VARCHAR(36),
  verdict TEXT NOT NULL,
  CONSTRAINT pk_review PRIMARY KEY (tenant, id),
  CONSTRAINT fk_review_tenant_request_id FOREIGN KEY(tenant, request_id) REFERENCES review_request (tenant, id),
  CONSTRAINT uq_review_tenant_request_id UNIQUE (tenant, request_id),
  CONSTRAINT ck_review_verdict CHECK (verdict IN ('accepted', 'fixed', 'rejected', 'second_opinion')),
  CONSTRAINT fk_review_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_review_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_review_tenant_assessment_id ON review (tenant, assessment_id);

CREATE INDEX ix_review_tenant_case_id ON review (tenant, case_id);

CREATE TABLE settlement (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  quote_id VARCHAR(36) NOT NULL,
  CONSTRAINT pk_settlement PRIMARY KEY (tenant, id),
  CONSTRAINT fk_settlement_tenant_quote_id FOREIGN KEY(tenant, quote_id) REFERENCES quote (tenant, id),
  CONSTRAINT fk_settlement_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_settlement_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_settlement_tenant_case_id ON settlement (tenant, case_id);

CREATE TABLE judged_defect (
  tenant TEXT NOT NULL,
  id VARCHAR(36) NOT NULL,
  case_id VARCHAR(36) NOT NULL,
  at DATETIME NOT NULL,
  recorded_by TEXT NOT NULL,
  visit_id VARCHAR(36),
  record TEXT NOT NULL,
  review_id VARCHAR(36) NOT NULL,
  photo_sha256 TEXT NOT NULL,
  CONSTRAINT pk_judged_defect PRIMARY KEY (tenant, id),
  CONSTRAINT fk_judged_defect_tenant_review_id FOREIGN KEY(tenant, review_id) REFERENCES review (tenant, id),
  CONSTRAINT fk_judged_defect_tenant_case_id FOREIGN KEY(tenant, case_id) REFERENCES cases (tenant, id),
  CONSTRAINT fk_judged_defect_tenant_visit_id FOREIGN KEY(tenant, visit_id) REFERENCES visit (tenant, id)
);

CREATE INDEX ix_judged_defect_tenant_case_id ON judged_defect (tenant, case_id);

CREATE TRIGGER keep_visit_update BEFORE UPDATE ON visit FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of visit stays as it is'); END;

CREATE TRIGGER keep_visit_delete BEFORE DELETE ON visit FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of visit stays as it is'); END;

CREATE TRIGGER keep_consent_change_update BEFORE UPDATE ON consent_change FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of consent_change stays as it is'); END;

CREATE TRIGGER keep_consent_change_delete BEFORE DELETE ON consent_change FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of consent_change stays as it is'); END;

CREATE TRIGGER keep_photo_update BEFORE UPDATE ON photo FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of photo stays as it is'); END;

CREATE TRIGGER keep_photo_delete BEFORE DELETE ON photo FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of photo stays as it is'); END;

CREATE TRIGGER keep_inspected_update BEFORE UPDATE ON inspected FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of inspected stays as it is'); END;

CREATE TRIGGER keep_inspected_delete BEFORE DELETE ON inspected FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of inspected stays as it is'); END;

CREATE TRIGGER keep_test_run_update BEFORE UPDATE ON test_run FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of test_run stays as it is'); END;

CREATE TRIGGER keep_test_run_delete BEFORE DELETE ON test_run FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of test_run stays as it is'); END;

CREATE TRIGGER keep_complaint_update BEFORE UPDATE ON complaint FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of complaint stays as it is'); END;

CREATE TRIGGER keep_complaint_delete BEFORE DELETE ON complaint FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of complaint stays as it is'); END;

CREATE TRIGGER keep_assessment_revision_update BEFORE UPDATE ON assessment_revision FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of assessment_revision stays as it is'); END;

CREATE TRIGGER keep_assessment_revision_delete BEFORE DELETE ON assessment_revision FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of assessment_revision stays as it is'); END;

CREATE TRIGGER keep_dispute_update BEFORE UPDATE ON dispute FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of dispute stays as it is'); END;

CREATE TRIGGER keep_dispute_delete BEFORE DELETE ON dispute FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of dispute stays as it is'); END;

CREATE TRIGGER keep_review_request_update BEFORE UPDATE ON review_request FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of review_request stays as it is'); END;

CREATE TRIGGER keep_review_request_delete BEFORE DELETE ON review_request FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of review_request stays as it is'); END;

CREATE TRIGGER keep_review_update BEFORE UPDATE ON review FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of review stays as it is'); END;

CREATE TRIGGER keep_review_delete BEFORE DELETE ON review FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of review stays as it is'); END;

CREATE TRIGGER keep_judged_defect_update BEFORE UPDATE ON judged_defect FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of judged_defect stays as it is'); END;

CREATE TRIGGER keep_judged_defect_delete BEFORE DELETE ON judged_defect FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of judged_defect stays as it is'); END;

CREATE TRIGGER keep_qualification_update BEFORE UPDATE ON qualification FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of qualification stays as it is'); END;

CREATE TRIGGER keep_qualification_delete BEFORE DELETE ON qualification FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of qualification stays as it is'); END;

CREATE TRIGGER keep_quote_update BEFORE UPDATE ON quote FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of quote stays as it is'); END;

CREATE TRIGGER keep_quote_delete BEFORE DELETE ON quote FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of quote stays as it is'); END;

CREATE TRIGGER keep_quote_event_update BEFORE UPDATE ON quote_event FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of quote_event stays as it is'); END;

CREATE TRIGGER keep_quote_event_delete BEFORE DELETE ON quote_event FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of quote_event stays as it is'); END;

CREATE TRIGGER keep_settlement_update BEFORE UPDATE ON settlement FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of settlement stays as it is'); END;

CREATE TRIGGER keep_settlement_delete BEFORE DELETE ON settlement FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of settlement stays as it is'); END;

CREATE TRIGGER keep_override_update BEFORE UPDATE ON override FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of override stays as it is'); END;

CREATE TRIGGER keep_override_delete BEFORE DELETE ON override FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of override stays as it is'); END;

CREATE TRIGGER keep_offer_outcome_update BEFORE UPDATE ON offer_outcome FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of offer_outcome stays as it is'); END;

CREATE TRIGGER keep_offer_outcome_delete BEFORE DELETE ON offer_outcome FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of offer_outcome stays as it is'); END;

CREATE TRIGGER keep_hand_off_update BEFORE UPDATE ON hand_off FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of hand_off stays as it is'); END;

CREATE TRIGGER keep_hand_off_delete BEFORE DELETE ON hand_off FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of hand_off stays as it is'); END;

CREATE TRIGGER keep_hand_off_claim_update BEFORE UPDATE ON hand_off_claim FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of hand_off_claim stays as it is'); END;

CREATE TRIGGER keep_hand_off_claim_delete BEFORE DELETE ON hand_off_claim FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM cases WHERE tenant = OLD.tenant AND id = OLD.case_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of hand_off_claim stays as it is'); END;

CREATE TRIGGER keep_asset_record_update BEFORE UPDATE ON asset_record FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of asset_record stays as it is'); END;

CREATE TRIGGER keep_asset_record_delete BEFORE DELETE ON asset_record FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of asset_record stays as it is'); END;

CREATE TRIGGER keep_identifier_reading_update BEFORE UPDATE ON identifier_reading FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of identifier_reading stays as it is'); END;

CREATE TRIGGER keep_identifier_reading_delete BEFORE DELETE ON identifier_reading FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of identifier_reading stays as it is'); END;

CREATE TRIGGER keep_holding_update BEFORE UPDATE ON holding FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of holding stays as it is'); END;

CREATE TRIGGER keep_holding_delete BEFORE DELETE ON holding FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of holding stays as it is'); END;

CREATE TRIGGER keep_lock_check_update BEFORE UPDATE ON lock_check FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lock_check stays as it is'); END;

CREATE TRIGGER keep_lock_check_delete BEFORE DELETE ON lock_check FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lock_check stays as it is'); END;

CREATE TRIGGER keep_erasure_certificate_update BEFORE UPDATE ON erasure_certificate FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of erasure_certificate stays as it is'); END;

CREATE TRIGGER keep_erasure_certificate_delete BEFORE DELETE ON erasure_certificate FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of erasure_certificate stays as it is'); END;

CREATE TRIGGER keep_custody_move_update BEFORE UPDATE ON custody_move FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of custody_move stays as it is'); END;

CREATE TRIGGER keep_custody_move_delete BEFORE DELETE ON custody_move FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of custody_move stays as it is'); END;

CREATE TRIGGER keep_lot_update BEFORE UPDATE ON lot FOR EACH ROW WHEN NOT (0 = 1) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot stays as it is'); END;

CREATE TRIGGER keep_lot_delete BEFORE DELETE ON lot FOR EACH ROW WHEN NOT (0 = 1) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot stays as it is'); END;

CREATE TRIGGER keep_lot_scan_update BEFORE UPDATE ON lot_scan FOR EACH ROW WHEN NOT (0 = 1) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot_scan stays as it is'); END;

CREATE TRIGGER keep_lot_scan_delete BEFORE DELETE ON lot_scan FOR EACH ROW WHEN NOT (0 = 1) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot_scan stays as it is'); END;

CREATE TRIGGER keep_lot_closed_update BEFORE UPDATE ON lot_closed FOR EACH ROW WHEN NOT (0 = 1) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot_closed stays as it is'); END;

CREATE TRIGGER keep_lot_closed_delete BEFORE DELETE ON lot_closed FOR EACH ROW WHEN NOT (0 = 1) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot_closed stays as it is'); END;

CREATE TRIGGER keep_lot_item_update BEFORE UPDATE ON lot_item FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot_item stays as it is'); END;

CREATE TRIGGER keep_lot_item_delete BEFORE DELETE ON lot_item FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM asset WHERE tenant = OLD.tenant AND id = OLD.asset_id AND forgotten_at IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of lot_item stays as it is'); END;

CREATE TRIGGER keep_event_update BEFORE UPDATE ON event FOR EACH ROW WHEN NOT (OLD.position IS NULL AND NEW.tenant = OLD.tenant AND NEW.id = OLD.id AND NEW.envelope = OLD.envelope) BEGIN SELECT RAISE(ABORT, 'append-only: a row of event stays as it is'); END;

CREATE TRIGGER keep_event_delete BEFORE DELETE ON event FOR EACH ROW WHEN NOT (EXISTS (SELECT 1 FROM event_horizon WHERE until > OLD.at)) BEGIN SELECT RAISE(ABORT, 'append-only: a row of event stays as it is'); END;

