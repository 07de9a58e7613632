"""The values evidence is made of: canonical form, identifiers, instants, disclosures, acts."""
